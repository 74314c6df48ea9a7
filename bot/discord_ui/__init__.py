"""Discord in, Discord out: commands, buttons, cards and the presenter; no rule, no SQL, no HTTP of ours."""
