//! `import`: fills the store.

use crate::actions::{Network, Unread};
use crate::cli::output::{Fail, Output};
use crate::cli::process::note_pending;
use crate::engine::Connector;
use crate::session::config::Config;
use crate::session::{Access, Place, Workspace};
use crate::store::{Directory, ImportOptions, ImportReport, Overruled, Progress, Store};
use crate::text::{counted, fold};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Fill the store from a folder of CSV or JSON Lines files, or from a connected system.
///
/// One transaction: where one row is bad, nothing of the import is kept. Files that are not
/// there change nothing; what a file no longer lists is marked as gone. `import scim okta` reads
/// the users and groups of [connectors.okta], which can be named by its URL too; only what is of
/// that system can be gone then.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The folder, or the word `scim`.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Behind `scim`: the connector's name or URL.
    #[arg(value_name = "URL")]
    url: Option<String>,
    /// Keep what the files no longer list.
    #[arg(long)]
    partial: bool,
    /// Let an import through that changes or drops more than a tenth of a file's rows.
    #[arg(long)]
    accept_large: bool,
    /// Behind `scim`: take accounts whose address nobody in the store has for orphans.
    #[arg(long, requires = "url")]
    orphans: bool,
}

impl Import {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let config = place.config()?;
        let bar = bar(out);
        let directory = match &self.url {
            Some(url) if self.folder.as_os_str() == "scim" => {
                Some(self.read(url, (place, &config), bar.as_ref())?)
            }
            Some(url) => {
                return Err(Fail::usage(format!("`{url}` is one folder too many"))
                    .help("write `tenure import scim URL` to read a connected system"));
            }
            None if self.folder.as_os_str() == "scim" && !self.folder.exists() => {
                return Err(Fail::usage("`import scim` names no connector")
                    .help(known(&config).unwrap_or_else(|| DECLARE.to_owned())));
            }
            None => {
                Store::can_import(&self.folder)?;
                None
            }
        };
        let is_new = !place.store_path(&config).exists();
        let mut workspace = place.open(Access::Create, "import")?;
        let options = ImportOptions {
            now: workspace.now,
            partial: self.partial,
            accept_large: self.accept_large,
        };
        let progress = &mut |progress: Progress<'_>| {
            let Some(bar) = &bar else { return };
            match progress {
                Progress::Reading { file, rows } => {
                    bar.set_message(file.to_owned());
                    bar.set_position(rows);
                }
                Progress::Indexing => bar.set_message("making indexes,"),
            }
        };
        let store = &mut workspace.store;
        let report = match &directory {
            Some(directory) => store.import_directory(directory, &options, progress),
            None => store
                .import(&self.folder, &options, progress)
                .map(|report| (report, Vec::new())),
        };
        if let Some(bar) = &bar {
            bar.finish_and_clear();
        }
        let report = match report {
            Ok(done) => done,
            Err(error) => {
                if is_new {
                    discard(workspace)?;
                }
                return Err(error.into());
            }
        };
        tell(&report, &workspace, out)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Reads a connected system, before the store is touched.
    fn read(
        &self,
        url: &str,
        (place, config): (&Place, &Config),
        bar: Option<&ProgressBar>,
    ) -> Result<Directory, Fail> {
        let same = |it: &&Connector| {
            fold(&it.name) == fold(url)
                || it.url.trim_end_matches('/') == url.trim_end_matches('/')
        };
        let Some(connector) = config.connectors.iter().find(same) else {
            // It may hold a token, so it is not repeated.
            return Err(Fail::usage("no connector of tenure.toml has that name or URL")
                .help(known(config).unwrap_or_else(|| DECLARE.to_owned())));
        };
        let mut network = Network::new(config.network.clone(), place.clock);
        let read = network.read_directory(connector, place.clock.now(), &mut |reading| {
            let Some(bar) = bar else { return };
            bar.set_message(format!(
                "{} of {} {},",
                reading.what, reading.of, connector.name
            ));
            bar.set_position(reading.read as u64);
        });
        if let (Some(bar), Err(_)) = (bar, &read) {
            bar.finish_and_clear();
        }
        let directory = read.map_err(|Unread { why, help }| {
            let said = Fail::no(format!("`{}` cannot be read: {why}", connector.name));
            match help {
                Some(help) => said.help(help),
                None => said,
            }
        })?;
        Ok(Directory { orphans: self.orphans, ..directory })
    }
}

/// Says what an import did.
fn tell(
    (report, notes): &(ImportReport, Vec<String>),
    workspace: &Workspace,
    out: &mut Output,
) -> Result<(), Fail> {
    if out.json {
        out.document(&json!({
            "schema": "tenure.import/1", "files": report.files, "notes": notes,
            "brought_back": report.back, "took_back": report.lost, "moved": report.moved,
        }))?;
        return Ok(());
    }
    // Beside what went wrong, there is nothing that was asked for.
    let shown = if out.quiet { &[] } else { report.files.as_slice() };
    for file in shown {
        out.line(format!(
            "{:<22} {:>9} {:<5} {} new, {} changed, {} gone",
            file.file,
            file.rows,
            if file.rows == 1 { "row:" } else { "rows:" },
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
    for note in notes {
        out.note(note)?;
    }
    let turned_back = [brought_back(&report.back), took_back(&report.lost)];
    for note in turned_back.into_iter().flatten().flatten() {
        out.note(note)?;
    }
    for moved in report.moved.iter().take(NAMED) {
        out.note(format!(
            "{} may be {} with another address: `{}` was the one's and is the other's; \
             to the store they are two, and nothing that was asked or decided of the one is \
             known of the other",
            moved.to, moved.from, moved.account
        ))?;
    }
    if let Some(more) = report.moved.len().checked_sub(NAMED).filter(|more| *more > 0) {
        out.note(format!("{more} more may only have another address"))?;
    }
    note_pending(workspace, out)?;
    for (file, column) in &report.attributes {
        out.note(format!("{file}: column `{column}` is an attribute of its own"))?;
    }
    for (file, nearest) in &report.ignored {
        let meant = nearest.as_ref().map(|name| format!("; did you mean `{name}`?"));
        out.note(format!("{file} was not read{}", meant.unwrap_or_default()))?;
    }
    Ok(())
}

/// So many runs are named.
const NAMED: usize = 5;

/// The runs whose doing an import turned back; nothing where there are none.
fn overruled(turned: &Overruled) -> Option<(String, &'static str, String)> {
    let mut runs: Vec<String> =
        turned.runs.iter().take(NAMED).map(i64::to_string).collect();
    if let Some(more) = turned.runs.len().checked_sub(NAMED).filter(|more| *more > 0) {
        runs.push(format!("{more} more"));
    }
    let rows = usize::try_from(turned.rows).unwrap_or(usize::MAX);
    match turned.runs.len() {
        0 => None,
        1 => Some((counted(rows, "row", "rows"), "run", runs.join(", "))),
        _ => Some((counted(rows, "row", "rows"), "runs", runs.join(", "))),
    }
}

/// That what runs took is there again, by data that says nothing of the taking.
fn brought_back(back: &Overruled) -> Option<[String; 2]> {
    let (rows, run, runs) = overruled(back)?;
    let brings = if back.rows == 1 { "brings" } else { "bring" };
    Some([
        format!(
            "{rows} {brings} back what {run} {runs} took: the data is older than that, or partial, \
             and nothing takes it again by itself"
        ),
        format!(
            "  help: where that is no mistake of the data, import it as of a later instant: then \
             the {run} failed, and `tenure retry` takes it again"
        ),
    ])
}

/// That what runs gave is gone again, by data that says nothing of the giving.
fn took_back(lost: &Overruled) -> Option<[String; 2]> {
    let (_, run, runs) = overruled(lost)?;
    let rows = usize::try_from(lost.rows).unwrap_or(usize::MAX);
    let memberships = counted(rows, "membership", "memberships");
    let are = if lost.rows == 1 { "is" } else { "are" };
    Some([
        format!(
            "{memberships} that {run} {runs} gave {are} gone: the data is older than that and does \
             not list them, and nothing gives them again by itself"
        ),
        "  help: import memberships.csv with them, or as of a later instant where they are to go"
            .to_owned(),
    ])
}

/// What to write where no system is connected.
const DECLARE: &str =
    "declare it under [connectors.NAME], with `kind`, `url` and `token`";

/// The connectors that there are, as help.
fn known(config: &Config) -> Option<String> {
    let names = config.connectors.iter().map(|it| format!("`{}`", it.name));
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| format!("known are {}", names.join(", ")))
}

/// What shows somebody who watches how far it has come.
fn bar(out: &Output) -> Option<ProgressBar> {
    let bar = out.watched().then(ProgressBar::new_spinner)?;
    let style =
        ProgressStyle::with_template("{spinner} {msg} {human_pos} rows, {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    Some(bar)
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
