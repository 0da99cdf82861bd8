"""What no running office needs: how the decisions do on published data, and how they were made."""
