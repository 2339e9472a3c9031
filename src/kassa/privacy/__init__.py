"""What Kassa knows of a person: found, handed out, erased. Every organisation's rows meet here only."""
