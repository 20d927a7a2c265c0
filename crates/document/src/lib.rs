//! One document model rendered to docx, pdf, xlsx and html. Knows no database.
