"""What is written beside images: tables of file names, and files of the same stem."""
