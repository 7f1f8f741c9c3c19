//! Importing again: what stays, what goes, what comes back.
