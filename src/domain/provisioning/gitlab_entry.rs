//! One variable of the file that a GitLab job hands on as `artifacts:reports:dotenv`.
//!
//! GitLab reads it line by line as `NAME=value`, with no quotes, no comments and no empty lines, and
//! fails the whole report where it finds one (`Ci::ParseDotenvArtifactService`): so a file that it would
//! refuse is not added to.

use zeroize::Zeroizing;

use super::edit::{EditError, lines};

/// `dotenv_size` of GitLab's plan limits, where nobody changed it: a file must be smaller.
pub(crate) const LARGEST: usize = 5 * 1024;

/// `dotenv_variables` of the plan limits: the least of all plans.
pub(crate) const FEWEST: usize = 20;

/// What was made of a file.
pub(crate) struct Set {
    pub text: Zeroizing<String>,
    /// How many variables it has.
    pub variables: usize,
}

/// The file with the variable set.
pub(crate) fn set(file: &str, name: &str, value: &str) -> Result<Set, EditError> {
    let lines = lines(file)?;
    let mut own = None;
    for (index, line) in lines.iter().enumerate() {
        let text = line.of(file);
        let Some((key, _)) = text.split_once('=') else {
            let what = if text.trim().is_empty() { "it is empty" } else { "it is no NAME=value" };
            let what = format!("{what}, and GitLab refuses the whole file");
            return Err(EditError::at(index, what, "take it out"));
        };
        if key.trim_start().starts_with('#') {
            return Err(EditError::at(
                index,
                "GitLab knows no comments, and refuses the whole file",
                "take it out",
            ));
        }
        if key.trim() == name {
            if own.is_some() {
                return Err(EditError::at(
                    index,
                    "the variable is set a second time",
                    "take one of the two out",
                ));
            }
            own = Some(index);
        }
    }
    let mut text = Zeroizing::new(String::with_capacity(file.len() + name.len() + value.len() + 8));
    let (before, behind) = match own {
        Some(index) => (&file[..lines[index].text.start], &file[lines[index].text.end..]),
        None => (file, "\n"),
    };
    text.push_str(before);
    if own.is_none() && !file.is_empty() && !file.ends_with('\n') {
        text.push('\n');
    }
    for part in [name, "=", value, behind] {
        text.push_str(part);
    }
    let variables = lines.len() + usize::from(own.is_none());
    if text.len() >= LARGEST {
        let what = format!("with the variable the file has {LARGEST} bytes or more, which GitLab refuses");
        return Err(EditError::at(
            lines.len().saturating_sub(1),
            what,
            "hand fewer variables on in one file",
        ));
    }
    Ok(Set { text, variables })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_gitlab_reads_gets_the_variable() {
        for (file, expected, variables) in [
            ("", "KEY=new\n", 1),
            ("A=1\n", "A=1\nKEY=new\n", 2),
            ("A=1", "A=1\nKEY=new\n", 2),
            ("KEY=old\nA=1\n", "KEY=new\nA=1\n", 2),
            ("A=1\nKEY = old", "A=1\nKEY=new", 2),
        ] {
            let set = set(file, "KEY", "new").expect(file);
            assert_eq!((set.text.as_str(), set.variables), (expected, variables), "{file:?}");
        }
    }

    #[test]
    fn one_that_it_would_refuse_does_not() {
        let long = format!("A={}\n", "x".repeat(LARGEST));
        for (file, says) in [
            ("A=1\n\nB=2\n", "line 2: it is empty"),
            ("# c\nA=1\n", "line 1: it is no NAME=value"),
            ("# A=1\n", "line 1: GitLab knows no comments"),
            ("A\n", "line 1: it is no NAME=value"),
            ("KEY=a\nKEY=b\n", "line 2: the variable is set a second time"),
            (&long, "line 1: with the variable the file has 5120 bytes or more"),
        ] {
            let error = set(file, "KEY", "new").err().expect(file).to_string();
            assert!(error.contains(says), "{file:?}: {error}");
        }
    }
}
