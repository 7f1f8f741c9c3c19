//! Files as the formatter lays them out.

use std::path::Path;
use tenure::diagnose::{Look, to_human};
use tenure::format::format;
use tenure::syntax;
use tenure::text::Sources;

/// The file laid out; the same again when it is laid out twice.
pub(crate) fn run(path: &Path, text: &str) -> Result<String, String> {
    let once = laid_out(path, text)?;
    let twice = laid_out(path, &once)?;
    if once != twice {
        return Err(format!("not the same twice:\n{once}\n{twice}"));
    }
    Ok(once)
}

fn laid_out(path: &Path, text: &str) -> Result<String, String> {
    let mut sources = Sources::default();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let id = sources.add(name, text);
    let (file, findings) = syntax::parse(&sources, id);
    if findings.is_empty() {
        Ok(format(&sources, &file))
    } else {
        Err(to_human(&findings, &sources, Look::PLAIN))
    }
}
