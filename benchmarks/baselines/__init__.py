"""What the program is compared with, each as its own documentation shows it."""
