//! What rows refer to.

use crate::store::import::Cx;
use crate::store::import::sheet::{Column, Sheet};
use crate::text::{fold, nearest};

impl Cx<'_> {
    /// The app that a cell names, which must be there.
    pub(super) fn app(&self, sheet: &Sheet<'_>, column: Column) -> Option<u32> {
        let written = sheet.need(column)?;
        let found = self.apps.find(0, &fold(written));
        if found.is_none() && !self.apps.holes {
            let help =
                self.suggest("SELECT name FROM app WHERE gone_at IS NULL", written);
            let help = help.unwrap_or_else(|| "list it in apps.csv".to_owned());
            sheet.wrong(column, format!("there is no app `{written}`"), help);
        }
        found
    }

    /// The app that a cell names, where it names one.
    pub(super) fn some_app(&self, sheet: &Sheet<'_>, column: Column) -> Option<u32> {
        sheet.some(column).and_then(|_| self.app(sheet, column))
    }

    /// The account that two cells name, which must be there.
    pub(super) fn account(
        &self,
        sheet: &Sheet<'_>,
        app: Column,
        username: Column,
    ) -> Option<(u32, u32)> {
        let written = sheet.need(username);
        let app_id = self.app(sheet, app)?;
        let written = written?;
        let found = self.accounts.find(app_id, &fold(written));
        if found.is_none() && !self.accounts.holes {
            let name = format!("{}/{written}", sheet.text(app));
            let help = "list it in accounts.csv";
            sheet.wrong(username, format!("there is no account `{name}`"), help);
        }
        found.map(|account| (app_id, account))
    }

    /// The user that a cell names by address, who must be there.
    pub(super) fn identity(&self, sheet: &Sheet<'_>, column: Column) -> Option<u32> {
        let written = sheet.email(column)?;
        let found = self.identities.find(0, &fold(written));
        if found.is_none() && !self.identities.holes {
            let help = "list it in identities.csv";
            sheet.wrong(column, format!("there is no user `{written}`"), help);
        }
        found
    }

    /// The role that a cell names, which must be there.
    pub(super) fn role(&self, sheet: &Sheet<'_>, column: Column) -> Option<u32> {
        let written = sheet.need(column)?;
        let found = self.roles.find(0, &fold(written));
        if found.is_none() && !self.roles.holes {
            let help = self.suggest("SELECT name FROM role WHERE gone = 0", written);
            let help = help.unwrap_or_else(|| "list it in roles.csv".to_owned());
            sheet.wrong(column, format!("there is no role `{written}`"), help);
        }
        found
    }

    /// The name that was probably meant, as help.
    pub(super) fn suggest(&self, names: &str, written: &str) -> Option<String> {
        let mut statement = self.connection.prepare_cached(names).ok()?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).ok()?;
        let names: Vec<String> = rows.flatten().collect();
        match nearest(written, names.iter().map(String::as_str)).as_slice() {
            [] => None,
            [near, ..] => Some(format!("did you mean `{near}`")),
        }
    }
}
