"""What each call does, written once: generators that yield steps for the driver."""
