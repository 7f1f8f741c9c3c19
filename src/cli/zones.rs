//! Zones of the configuration that are no places.

use crate::cli::output::{Fail, Output};
use crate::session::config::Config;
use crate::time::FixedOffset;

/// Says which of them keep one offset all the year: no schedule of theirs has summer time.
pub(crate) fn note_zones(config: &Config, out: &mut Output) -> Result<(), Fail> {
    let mut zones = vec![("zone", config.zone)];
    if config.calendar.zone != config.zone {
        zones.push(("calendar.zone", config.calendar.zone));
    }
    for (key, zone) in zones {
        let Some(fixed) = FixedOffset::of(zone) else { continue };
        let FixedOffset { words, help, .. } = fixed;
        out.note(format!(
            "warning: `{key} = \"{}\"` of tenure.toml is a fixed offset, and no place: {words}",
            zone.name()
        ))?;
        out.note(format!("  help: {help}"))?;
    }
    Ok(())
}
