"""What attackers try: each test names the door and shows that it stays shut."""
