"""The use cases of operators: who they are, what they see, what they do, and the record of it."""
