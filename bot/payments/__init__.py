"""What payments are, without any framework: values, tables and decisions that do no input or output."""
