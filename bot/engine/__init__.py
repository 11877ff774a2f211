"""The use cases, and what moves money: intentions become legs here, legs become calls, reports become outcomes."""
