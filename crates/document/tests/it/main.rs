//! What comes out of the renderers, read back by other programs: an XML parser, poppler, LibreOffice.

mod docx;
mod forms;
mod hostile;
mod office;
mod pdf;
mod samples;
mod tools;
