//! `import`: fills the store.

use crate::cli::output::{Fail, Output};
use crate::cli::process::note_pending;
use crate::session::{Access, Place, Workspace};
use crate::store::{ImportOptions, Progress, Store};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Fill the store from a folder of CSV or JSON Lines files.
///
/// One transaction: where one row is bad, nothing of the import is kept. Files that are not
/// there change nothing; what a file no longer lists is marked as gone.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The folder.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Keep what the files no longer list.
    #[arg(long)]
    partial: bool,
    /// Let an import through that changes or drops more than a tenth of a file's rows.
    #[arg(long)]
    accept_large: bool,
}

impl Import {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        Store::can_import(&self.folder)?;
        let is_new = !place.store_path(&place.config()?).exists();
        let mut workspace = place.open(Access::Create, "import")?;
        let options = ImportOptions {
            now: workspace.now,
            partial: self.partial,
            accept_large: self.accept_large,
        };
        let bar = out.watched().then(ProgressBar::new_spinner);
        if let Some(bar) = &bar {
            let style = ProgressStyle::with_template(
                "{spinner} {msg} {human_pos} rows, {elapsed}",
            );
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        }
        let report = workspace.store.import(&self.folder, &options, &mut |progress| {
            let Some(bar) = &bar else { return };
            match progress {
                Progress::Reading { file, rows } => {
                    bar.set_message(file.to_owned());
                    bar.set_position(rows);
                }
                Progress::Indexing => bar.set_message("making indexes,"),
            }
        });
        if let Some(bar) = &bar {
            bar.finish_and_clear();
        }
        let report = match report {
            Ok(report) => report,
            Err(error) => {
                if is_new {
                    discard(workspace)?;
                }
                return Err(error.into());
            }
        };
        if out.json {
            out.document(&json!({ "schema": "tenure.import/1", "files": report.files }))?;
            return Ok(ExitCode::SUCCESS);
        }
        for file in &report.files {
            out.line(format!(
                "{:<22} {:>9} rows: {} new, {} changed, {} gone",
                file.file,
                file.rows,
                file.added,
                file.changed + file.returned,
                file.gone
            ))?;
        }
        if report.files.is_empty() {
            out.note(
                "the folder holds none of the files that are imported: see docs/data.md",
            )?;
        }
        note_pending(&workspace, out)?;
        for (file, column) in &report.attributes {
            out.note(format!("{file}: column `{column}` is an attribute of its own"))?;
        }
        for (file, nearest) in &report.ignored {
            let meant = nearest.as_ref().map(|name| format!("; did you mean `{name}`?"));
            out.note(format!("{file} was not read{}", meant.unwrap_or_default()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Takes away a store that was made for an import that failed.
fn discard(workspace: Workspace) -> Result<(), Fail> {
    let path = workspace.store.path().map(Path::to_owned);
    // Closed first, so that nothing is left beside it.
    drop(workspace);
    if let Some(path) = path {
        std::fs::remove_file(&path).map_err(|error| {
            Fail::no(format!("`{}` cannot be removed: {error}", path.display()))
        })?;
    }
    Ok(())
}
