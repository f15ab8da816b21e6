//! Templates that a host keeps in files.

use crate::{builder::Own, builtin, fault::TemplateFault, part::Part};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Labels of a language beside its templates.
const LABELS: &str = "words.txt";

/// Reads `<directory>/<language>/<name>.<part>`. A file that is for nothing is a fault: its name is a slip of the pen.
pub(crate) fn read(
    directory: &Path,
    own: &mut Vec<Own>,
    labels: &mut Vec<(String, String, String)>,
    faults: &mut Vec<TemplateFault>,
) {
    for path in entries(directory, faults) {
        if !path.is_dir() {
            faults.push(fault(&path, "is no directory named by a language"));
            continue;
        }
        let language = name(&path);
        for path in entries(&path, faults) {
            let source = match fs::read_to_string(&path) {
                Ok(source) => source,
                Err(error) => {
                    faults.push(unreadable(&path, &error));
                    continue;
                }
            };
            let file = name(&path);
            if file == LABELS {
                read_labels(&path, &language, &source, labels, faults);
                continue;
            }
            let found = file.rsplit_once('.').and_then(|(name, end)| Some((name, Part::of_extension(end)?)));
            match found {
                Some((name, part)) => {
                    own.push(Own { name: name.to_owned(), language: language.clone(), part, source });
                }
                None => faults.push(fault(&path, "its ending is that of no part")),
            }
        }
    }
}

fn read_labels(
    path: &Path,
    language: &str,
    source: &str,
    labels: &mut Vec<(String, String, String)>,
    faults: &mut Vec<TemplateFault>,
) {
    for label in builtin::labels(source) {
        match label {
            Ok((key, word)) => labels.push((language.to_owned(), key.to_owned(), word.to_owned())),
            Err(line) => faults.push(TemplateFault { line: Some(line), ..fault(path, "is not `key = word`") }),
        }
    }
}

/// What is in a directory, in order, without what begins with a dot or ends with a tilde.
fn entries(directory: &Path, faults: &mut Vec<TemplateFault>) -> Vec<PathBuf> {
    let read = fs::read_dir(directory).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut paths: Vec<PathBuf> = read.unwrap_or_else(|error: io::Error| {
        faults.push(unreadable(directory, &error));
        Vec::new()
    });
    paths.retain(|path| !name(path).starts_with('.') && !name(path).ends_with('~'));
    paths.sort_unstable();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn unreadable(path: &Path, error: &io::Error) -> TemplateFault {
    fault(path, &format!("cannot be read: {error}"))
}

fn fault(path: &Path, why: &str) -> TemplateFault {
    TemplateFault::of(&path.display().to_string(), why)
}
