"""How fast tokens reach the screen, from a provider's socket to the word in the browser, beside other ways and apps."""
