"""Starting, stopping and watching over Kassa's processes and its embedded database."""
