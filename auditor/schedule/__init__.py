"""An audit that runs by itself: units, lines and files for schedulers."""
