"""Pictures that organisations show to their buyers: posters, photographs, logos."""
