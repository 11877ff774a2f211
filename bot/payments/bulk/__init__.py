"""Files of payments that operators send: from bytes to rows that can be paid, or every reason why not. Nothing is paid here."""
