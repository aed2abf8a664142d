"""What the system tests share: our programs, and peers that are not ours."""
