//! Understanding cells of foreign spreadsheets.
