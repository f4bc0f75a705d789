"""Small apps with the same graph and provider as Streaming Lab's, each run as a process of its own."""
