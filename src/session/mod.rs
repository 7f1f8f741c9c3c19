//! One workspace in one value: the configuration, the clock, the store, the files.

mod actor;
pub mod config;
mod lock;
mod mend;
mod numbers;
mod project;
mod replace;
pub(crate) mod scope;

pub use crate::session::actor::actor;
pub use crate::session::lock::{LockError, hold};
pub use crate::session::mend::{Edit, Mended, mend};
pub use crate::session::numbers::{Counted, Reach, subjects};
pub use crate::session::project::{Project, ProjectError, read_sources};
pub(crate) use crate::session::replace::replace;

use crate::catalog::{App, Catalog, Person, Systems};
use crate::engine::{self, Settings};
use crate::ir::{AppId, IdentityState, PermissionId, Program};
use crate::session::config::{Authority, Config, ConfigError};
use crate::store::{ImportOptions, Store, StoreError};
use crate::syntax;
use crate::text::{Sources, fold};
use crate::time::Timestamp;
use crate::time::clock::Clock;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Which store, which configuration, which time.
#[derive(Clone, Debug)]
pub struct Place {
    /// `--store FILE`.
    pub store: Option<PathBuf>,
    /// `--data FOLDER`.
    pub data: Option<PathBuf>,
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    /// The clock.
    pub clock: Clock,
}

/// A place that was found to be usable.
#[derive(Debug)]
pub struct Workspace {
    /// What `tenure.toml` says.
    pub config: Config,
    /// The present instant; it stands still while a command works.
    pub now: Timestamp,
    /// The store, or the data in memory.
    pub store: Store,
    /// Where it came from, for people.
    pub origin: String,
    /// Whether it is data in memory, that nothing will remain of.
    pub in_memory: bool,
    /// Whether there is a configuration that says anything.
    pub configured: bool,
}

/// Why a command cannot begin.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The configuration cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The command needs a store that stays.
    #[error("{0} needs a store that stays; `--data` is for looking only")]
    InMemory(&'static str),
}

/// How a command uses the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It only looks.
    Read,
    /// It changes it; it must be there.
    Write,
    /// It changes it; it is made where it is not there.
    Create,
}

impl Place {
    /// The configuration: the file that was named, else the nearest one.
    pub fn config(&self) -> Result<Config, ConfigError> {
        match self.file() {
            Some(file) => Config::read(&file),
            None => Ok(Config::default()),
        }
    }

    /// Where the configuration lies, if there is one.
    fn file(&self) -> Option<PathBuf> {
        self.config.clone().or_else(|| Config::find(Path::new(".")))
    }

    /// Opens the store, or fills one in memory from the folder of data.
    pub fn open(
        &self,
        access: Access,
        command: &'static str,
    ) -> Result<Workspace, SessionError> {
        let config = self.config()?;
        let configured = self.file().is_some();
        let now = self.clock.now();
        if let Some(folder) = &self.data {
            if access != Access::Read {
                return Err(SessionError::InMemory(command));
            }
            let mut store = Store::in_memory()?;
            let options = ImportOptions::at(now);
            store.import(folder, &options, &mut |_| {})?;
            let origin = folder.display().to_string();
            let in_memory = true;
            store.doubt(&config.freshness, now)?;
            return Ok(Workspace { config, now, store, origin, in_memory, configured });
        }
        let path = self.store_path(&config);
        let store = match access {
            Access::Read => Store::open_read_only(&path)?,
            Access::Write => Store::open_existing(&path)?,
            Access::Create => Store::open(&path)?,
        };
        let origin = path.display().to_string();
        let in_memory = false;
        store.doubt(&config.freshness, now)?;
        Ok(Workspace { config, now, store, origin, in_memory, configured })
    }

    /// Where the store lies.
    pub fn store_path(&self, config: &Config) -> PathBuf {
        self.store.clone().unwrap_or_else(|| config.store.clone())
    }
}

impl Config {
    /// What it says to the engine.
    pub fn settings(&self) -> Settings {
        Settings {
            zone: self.zone,
            admin: self.admin.clone(),
            snooze: self.snooze.unwrap_or(Settings::default().snooze),
            limit: self.limit.clone(),
            channels: self.channels.clone(),
            protected: self.protected.clone(),
            nevers: Vec::new(),
            calendar: self.calendar.clone(),
            connectors: self.connectors.clone(),
            freshness: self.freshness.clone(),
            links: self.server.url.clone(),
        }
    }
}

impl Workspace {
    /// What the configuration says to the engine.
    pub fn settings(&self) -> Settings {
        self.config.settings()
    }

    /// Heeds what files say of lifecycle states. Data in memory is as if it had always been so;
    /// of a store nothing changes before a policy of the files is activated, which is what is
    /// said then.
    pub fn heed_lifecycle(
        &self,
        program: &Program,
    ) -> Result<Option<String>, StoreError> {
        let Some(lifecycle) = &program.lifecycle else { return Ok(None) };
        let states = lifecycle.states.iter();
        if self.in_memory {
            let states: Vec<_> =
                states.map(|state| (state.name.clone(), state.means())).collect();
            self.store.assume_lifecycle(&states)?;
            return Ok(None);
        }
        let known = self.store.lifecycle_states()?;
        let other =
            |name: &str| known.get(&fold(name)).copied().unwrap_or(IdentityState::Active);
        let others: Vec<_> = states
            .filter(|state| other(&state.name) != state.means())
            .map(|state| format!("`{}`", state.name))
            .collect();
        Ok((!others.is_empty()).then(|| {
            format!(
                "`lifecycle` has other meanings than the store: {}; they are pending from the \
                 activation on, and nobody's identity state changes before tenure process \
                 --lifecycle",
                others.join(", ")
            )
        }))
    }

    /// The names of the store.
    pub fn catalog(&self) -> Result<Catalog, StoreError> {
        Ok(self.store.catalog()?.seen_from(self.now))
    }

    /// The names of the store, the people whom some texts mention, and the systems behind
    /// the data. Data in memory is its own authority.
    pub fn catalog_for(&self, sources: &Sources) -> Result<Catalog, StoreError> {
        let people = Some(mentioned(&self.store, sources)?);
        let catalog = self.catalog()?;
        let systems = match self.configured && !self.in_memory {
            true => Some(self.systems(&catalog.apps)?),
            false => None,
        };
        let expiring = expiring(&self.store, sources)?;
        Ok(Catalog { people, expiring, systems, ..catalog })
    }

    /// Which systems the configuration connects, of all groups and of these apps.
    pub fn systems(&self, apps: &[App]) -> Result<Systems, StoreError> {
        let apps: Vec<AppId> = apps.iter().map(|app| app.id).collect();
        let systems = engine::systems(&self.store, &self.config.connectors, &apps)?;
        Ok(Systems {
            follow: self.config.authority == Authority::Store,
            ..systems
        })
    }
}

/// The permissions that are held for a time. Only texts that say how access is taken are worth
/// asking for them.
pub fn expiring(
    store: &Store,
    sources: &Sources,
) -> Result<Option<BTreeSet<PermissionId>>, StoreError> {
    let mut texts = sources.iter().map(|(_, source)| source.text.as_str());
    let says = texts.any(|text| text.contains("deprovision"));
    says.then(|| store.expiring_permissions()).transpose()
}

/// The people whom texts mention, as far as the store knows them, and those with addresses
/// like the others'.
pub fn mentioned(store: &Store, sources: &Sources) -> Result<Vec<Person>, StoreError> {
    let addresses: Vec<_> = sources
        .iter()
        .flat_map(|(file, _)| syntax::addresses(sources, file))
        .map(|address| address.written.value)
        .collect();
    store.people(addresses.iter().map(String::as_str))
}
