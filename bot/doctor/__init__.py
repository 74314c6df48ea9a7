"""`python -m bot doctor`: whether everything that the bot needs is there and works, one line for each thing."""
