"""The pre-go-live sign-off: what people attest, whether all is ready, and what is signed."""
