"""What people do with a guest, written once as conversations: one file a subject."""
