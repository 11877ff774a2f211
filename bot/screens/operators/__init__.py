"""What operators see, drawn of the results of their use cases. Phones are masked but where a card is for checking them."""
