//! The text of a shared file as sections, parsed as the AWS CLI does.
//!
//! A section's first property sets the indentation of its properties; a line that is indented further continues the
//! property above it. A syntax error belongs to its section, so that it does not affect other profiles.

/// A section.
#[derive(Debug, Default)]
pub struct Section {
    /// The text between the brackets.
    pub header: String,
    /// Its properties, in order.
    pub properties: Vec<Property>,
    /// The first syntax error in it.
    pub error: Option<SyntaxError>,
}

/// A property of a section.
#[derive(Debug)]
pub struct Property {
    /// Its name, in lower case.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The entries of the block below it, if its own value is empty: names in lower case, and values.
    pub nested: Vec<(String, String)>,
}

/// A line that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line's number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: &'static str,
}

const NO_DELIMITER: &str = "is not of the form `name = value`";
const INDENTED: &str = "is an indented section header, which continues the line above";
const NO_SECTION: &str = "is before the first section, such as `[default]`";
/// The problem of a header without an end.
pub const NO_BRACKET: &str = "has no closing `]`";

/// Parses a file's text. A syntax error before the first section is returned.
pub fn parse(text: &str) -> Result<Vec<Section>, SyntaxError> {
    let mut sections: Vec<Section> = Vec::new();
    // Indentation of the last property, if any.
    let mut indentation = None;
    // Editors on Windows write a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n");
    for (index, line) in text.split(['\n', '\r']).enumerate() {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let error = |problem| SyntaxError {
            line: index + 1,
            problem,
        };
        let indented = line.len() - line.trim_start().len();
        let is_continuation = indentation.is_some_and(|before| indented > before);
        match sections.last_mut() {
            Some(section) if is_continuation => {
                if content.starts_with('[') {
                    section.error.get_or_insert(error(INDENTED));
                } else if !section.continue_last(content) {
                    section.error.get_or_insert(error(NO_DELIMITER));
                }
            }
            _ if content.starts_with('[') => {
                indentation = None;
                let (header, is_closed) = match content[1..].split_once(']') {
                    Some((header, _)) => (header, true),
                    None => (&content[1..], false),
                };
                sections.push(Section {
                    header: header.trim().to_owned(),
                    error: (!is_closed).then(|| error(NO_BRACKET)),
                    properties: Vec::new(),
                });
            }
            None => return Err(error(NO_SECTION)),
            Some(section) => {
                indentation = Some(indented);
                match split(content, &['=', ':']) {
                    Some((name, value)) => section.properties.push(Property {
                        value: without_comment(&name, value).to_owned(),
                        name,
                        nested: Vec::new(),
                    }),
                    None => {
                        section.error.get_or_insert(error(NO_DELIMITER));
                    }
                }
            }
        }
    }
    Ok(sections)
}

impl Section {
    /// Adds a line to the last property: to its block if its own value is empty.
    fn continue_last(&mut self, content: &str) -> bool {
        // After a syntax error there may be none.
        let Some(last) = self.properties.last_mut() else {
            return self.error.is_some();
        };
        if !last.value.is_empty() {
            last.value.push('\n');
            last.value.push_str(content);
            return true;
        }
        let entry = split(content, &['=']);
        let is_entry = entry.is_some();
        last.nested
            .extend(entry.map(|(name, value)| (name, without_comment("", value).to_owned())));
        is_entry
    }
}

/// The name, in lower case, and the value of a line, if one of these delimiters is between them.
fn split<'a>(line: &'a str, delimiters: &[char]) -> Option<(String, &'a str)> {
    let (name, value) = line.split_once(delimiters)?;
    let name = name.trim();
    (!name.is_empty()).then(|| (name.to_lowercase(), value.trim()))
}

/// The value without a trailing comment. A command keeps it: `;` and `#` mean something else to a shell.
fn without_comment<'a>(name: &str, value: &'a str) -> &'a str {
    if name == "credential_process" {
        return value;
    }
    if value.starts_with(['#', ';']) {
        return "";
    }
    let starts = [" #", " ;", "\t#", "\t;"];
    let end = starts.iter().filter_map(|start| value.find(start)).min();
    value[..end.unwrap_or(value.len())].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text's only section, as `name=value` and `name/name=value`.
    fn properties(text: &str) -> Vec<String> {
        let sections = parse(text).unwrap();
        assert_eq!(sections.len(), 1, "{text}");
        assert_eq!(sections[0].error, None, "{text}");
        let lines = |p: &Property| {
            let nested = p
                .nested
                .iter()
                .map(|(name, value)| format!("{}/{name}={value}", p.name));
            let own = (!p.value.is_empty() || p.nested.is_empty())
                .then(|| format!("{}={}", p.name, p.value));
            own.into_iter().chain(nested).collect::<Vec<_>>()
        };
        sections[0].properties.iter().flat_map(lines).collect()
    }

    fn error_lines(text: &str) -> Vec<Option<usize>> {
        let sections = parse(text).unwrap();
        sections
            .iter()
            .map(|s| s.error.as_ref().map(|error| error.line))
            .collect()
    }

    #[test]
    fn properties_may_be_indented_in_any_way() {
        for text in [
            "[a]\nx = 1\ny = 2\n",
            "[a]\n  x = 1\n  y = 2\n",
            "\u{feff}[a]\r\n\tx=1\r\n\r\n\ty=2",
            "[a]\rx = 1\r\ry = 2\r",
            "  [a]  # note\n    X : 1\n\n  # note\n  ; note\n  y = 2 # note\n",
            "[a]\n    x = 1\ny = 2\t; note\n",
        ] {
            assert_eq!(properties(text), ["x=1", "y=2"], "{text}");
        }
    }

    #[test]
    fn blocks_may_contain_comments_and_blank_lines() {
        let text = "[a]\nrekognition =\n  # note\n  endpoint_url = http://x:1 # note\n\n  ; note\n  other = 2\nz = 3";
        let expected = [
            "rekognition/endpoint_url=http://x:1",
            "rekognition/other=2",
            "z=3",
        ];
        assert_eq!(properties(text), expected);
    }

    #[test]
    fn a_command_keeps_what_looks_like_a_comment() {
        let text = "[a]\ncredential_process = sh -c 'a ; b' # c\n";
        assert_eq!(properties(text), ["credential_process=sh -c 'a ; b' # c"]);
    }

    #[test]
    fn a_value_may_contain_delimiters_and_span_lines() {
        assert_eq!(properties("[a]\nx = a=b:c\ny=\n"), ["x=a=b:c", "y="]);
        assert_eq!(properties("[a]\nx = 1\n  2\n"), ["x=1\n2"]);
    }

    #[test]
    fn a_syntax_error_belongs_to_its_section() {
        assert_eq!(
            error_lines("[a]\nx\n[b]\ny = 1\n[c\nz = 1"),
            [Some(2), None, Some(5)]
        );
        assert_eq!(
            error_lines("[a]\nx =\n  y\n[b]\n = 1\n"),
            [Some(3), Some(5)]
        );
        assert_eq!(error_lines("[a]\nx\n  y\n"), [Some(2)]);
        assert_eq!(error_lines("[a]\nx = 1\n  [b]\nx = 2\n"), [Some(3)]);
        assert_eq!(parse("# note\n\nx = 1\n[a]").unwrap_err().line, 3);
    }
}
