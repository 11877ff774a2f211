"""A walk through what the provider's documentation leaves open, against its sandbox, writing down what it answers.

It creates small transactions, so it refuses everything but the sandbox. It knows nothing of the assistant's database.
"""
