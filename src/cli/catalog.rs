//! `catalog export`: the names of the store, for checking where the store is not.

use crate::catalog::{self, Catalog};
use crate::cli::output::{Fail, Output};
use crate::session::{Access, Place};
use crate::text::counted;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write the names of the store down, for checking elsewhere.
#[derive(Debug, Args)]
pub(crate) struct CatalogArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write all names that policies can use, with the numbers behind them and nothing about
    /// people: `tenure check --catalog FILE` reads it.
    Export(Export),
}

#[derive(Debug, Args)]
struct Export {
    /// Where to write [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl CatalogArgs {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let Command::Export(export) = self.command;
        export.run(place, out)
    }
}

impl Export {
    fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "catalog export")?;
        let names = workspace.store.catalog()?;
        let document = catalog::write(&names, workspace.now);
        let Some(file) = self.out else {
            out.document(&document)?;
            return Ok(ExitCode::SUCCESS);
        };
        let text = serde_json::to_string_pretty(&document).map_err(|error| {
            Fail::no(format!("the catalog cannot be written: {error}"))
        })?;
        std::fs::write(&file, text + "\n").map_err(|error| {
            Fail::usage(format!("`{}` cannot be written: {error}", file.display()))
        })?;
        out.note(format!(
            "{}, {}, {}, {} and {} to {}",
            counted(names.apps.len(), "app", "apps"),
            counted(names.groups.len(), "group", "groups"),
            counted(names.roles.len(), "role", "roles"),
            counted(names.permissions.len(), "permission", "permissions"),
            counted(names.custom.len(), "attribute", "attributes"),
            file.display()
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The names that were written down in a file.
pub(crate) fn exported(file: &Path) -> Result<Catalog, Fail> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
            std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            std::io::ErrorKind::InvalidData => "it is no text".to_owned(),
            _ => error.to_string(),
        };
        Fail::usage(format!("`{}` cannot be read: {reason}", file.display()))
            .help("write it where the store is: tenure catalog export --out FILE")
    })?;
    catalog::read(&text).map_err(|error| Fail::Said {
        code: 3,
        message: format!("`{}`: {error}", file.display()),
        help: Some(match error {
            catalog::CatalogError::Newer { .. } => {
                "use the program that wrote it, or export it again with this one"
                    .to_owned()
            }
            catalog::CatalogError::Malformed { .. }
            | catalog::CatalogError::Another { .. } => {
                "write it where the store is: tenure catalog export --out FILE".to_owned()
            }
        }),
    })
}
