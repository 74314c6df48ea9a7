"""The fault laboratory: the real bot, killed and starved at random, while the books of Discord and services are kept.

python -m tests.chaos --seed 7 --minutes 10
python -m tests.chaos --seed 7 --rounds 300 --database postgresql
python -m tests.chaos --seed 7 --episode 12        # replay what failed
"""
