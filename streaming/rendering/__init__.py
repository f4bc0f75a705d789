"""When and how text reaches the screen."""
