//! What is done about files by themselves: scanning those that wait, and taking away what nobody named or nothing leads to.

use super::Attachments;
use crate::{
    desk::{Error, Planned, documents::Held},
    domain::{
        actor::Actor,
        attachment::{AttachedTo, Attachment, STAGED, Safety},
        document::DocumentKind,
        id::AttachmentId,
    },
    ports::{documents::DocumentQuery, files::FileError},
};

/// Files that could not be scanned, before a look ends.
const FAILURES: usize = 3;

impl Attachments<'_> {
    /// Whether a file waits to be scanned.
    pub(in crate::desk) async fn has_waiting(self) -> Result<bool, Error> {
        let waiting = self.0.counts_on::<Attachment>(&[Attachment::QUARANTINE.to_owned()]).await?;
        Ok(self.0.0.scanner.is_there() && waiting.first().is_some_and(|waiting| *waiting > 0))
    }

    /// Scans files in quarantine. Answers how many were judged.
    pub(in crate::desk) async fn scan_waiting(self, limit: u32) -> Result<u32, Error> {
        if !self.0.0.scanner.is_there() {
            return Ok(0);
        }
        let query = DocumentQuery::rising(DocumentKind::Attachment, Attachment::QUARANTINE, limit);
        let (mut judged, mut failed) = (0, Vec::new());
        for held in self.0.held_list::<Attachment>(&query).await?.items {
            match self.scan(held.value).await {
                Ok(()) => judged += 1,
                // One file that cannot be scanned shall not keep the others waiting; a scanner that is away is not asked a
                // hundred times.
                Err(error @ (Error::Outside(_) | Error::Files(_))) if failed.len() < FAILURES => failed.push(error),
                Err(error) => return Err(error),
            }
        }
        match failed.pop().filter(|_| judged == 0) {
            Some(error) => Err(error),
            None => Ok(judged),
        }
    }

    async fn scan(self, file: Attachment) -> Result<(), Error> {
        let actor = Actor::system("scan");
        let id = file.id;
        let found = match self.0.judge(file).await {
            Ok(file) => Some(file.safety),
            // Its bytes are gone, so there is nothing that anybody could ever fetch.
            Err(Error::Files(FileError::Missing)) => None,
            Err(error) => return Err(error),
        };
        let plan = || async {
            let now: Option<Held<Attachment>> = self.0.held(id.uuid()).await?;
            let Some(now) = now.filter(|now| now.value.safety == Safety::Quarantined) else {
                return Ok(Planned::nothing(Vec::new()));
            };
            // It may have been named in the meantime.
            let file = found.clone().map(|safety| Attachment { safety, ..now.value.clone() });
            let write = match &file {
                Some(file) => now.put(file)?,
                None => now.remove(),
            };
            Ok(Planned::writing(vec![write], file.into_iter().collect::<Vec<_>>()))
        };
        for file in self.0.run(&actor, plan).await? {
            self.0.drop_harmful(&file).await;
        }
        Ok(())
    }

    /// Takes away files that nobody has named in time. Answers how many.
    pub(in crate::desk) async fn sweep_staged(self) -> Result<u32, Error> {
        let actor = Actor::system("sweep");
        let late = self.0.now() - STAGED;
        let mut swept = 0;
        for held in self.0.files_on(Attachment::STAGED).await? {
            if held.value.created_at > late {
                break;
            }
            let id = held.value.id;
            let plan = || async {
                let now: Option<Held<Attachment>> = self.0.held(id.uuid()).await?;
                let staged = now.filter(|now| now.value.on == AttachedTo::Nothing);
                let writes = staged.iter().map(Held::remove).collect();
                let gone: Vec<Attachment> = staged.into_iter().map(|now| now.value).collect();
                Ok(Planned::writing(writes, gone))
            };
            for file in self.0.run(&actor, plan).await? {
                self.0.forget_file(&file.key).await;
                swept += 1;
            }
        }
        Ok(swept)
    }

    /// Takes away bytes to which no entry leads: of uploads that were cut off by a crash, and of entries whose bytes could
    /// not be taken away with them. Only those that have lain there for a day, because an entry comes after its bytes.
    /// Answers how many files went; it reads the whole file store, so it is done once a day.
    ///
    /// # Errors
    /// Failures of the stores; what was swept stays swept.
    #[tracing::instrument(name = "attachments.sweep_orphans", skip_all, fields(ticket, actor))]
    pub async fn sweep_orphans(self) -> Result<u32, Error> {
        let late = self.0.now() - STAGED;
        let (mut after, mut swept) = (None::<String>, 0);
        loop {
            let page = self.0.0.files.list("", after.as_deref(), 500).await?;
            let Some(last) = page.last() else { return Ok(swept) };
            after = Some(last.key.clone());
            for stored in page.iter().filter(|stored| stored.at <= late) {
                let id = id_of(&stored.key);
                let held: Option<Held<Attachment>> = match id {
                    Some(id) => self.0.held(id.uuid()).await?,
                    // Whatever that is, it is not ours.
                    None => continue,
                };
                if held.is_none_or(|held| held.value.key != stored.key) {
                    self.0.0.files.delete(&stored.key).await?;
                    swept += 1;
                }
            }
        }
    }
}

/// The id of the file in a key: the second last part.
fn id_of(key: &str) -> Option<AttachmentId> {
    let mine = key.starts_with("tickets/") || key.starts_with("staged/");
    mine.then(|| key.rsplit('/').nth(1)?.parse().ok()).flatten()
}
