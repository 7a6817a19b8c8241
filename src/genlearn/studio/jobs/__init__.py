"""What trains: commands of the command line as processes of their own, one after another."""
