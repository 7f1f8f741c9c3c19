//! repl
/// placeholder
pub fn run(_: crate::session::Workspace, _: bool) -> Result<(), std::fmt::Error> {
    Ok(())
}
