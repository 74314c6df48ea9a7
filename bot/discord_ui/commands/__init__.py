"""The slash commands: each reads its options, calls one service and shows what came of it."""
