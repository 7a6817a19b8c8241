"""Files that pages load: style, scripts, and in vendor/ those of others with their licences."""
