//! Values by name, in the order in which they were added, and their pages.

use crate::error::Refusal;
use crate::hash::uuid;
use crate::input::Input;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

/// Values by name, in the order in which they were added.
#[derive(Debug)]
pub struct Ordered<T> {
    items: BTreeMap<u64, (String, T)>,
    places: HashMap<String, u64>,
    next: u64,
}

/// Names and values, and the token of the next page.
pub type Page<'a, T> = (Vec<(&'a str, &'a T)>, Option<String>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Ordered {
            items: BTreeMap::new(),
            places: HashMap::new(),
            next: 0,
        }
    }
}

impl<T> Ordered<T> {
    /// Adds a value, or replaces the one with this name.
    pub fn insert(&mut self, name: &str, value: T) {
        let place = *self.places.entry(name.to_owned()).or_insert(self.next);
        self.next += 1;
        self.items.insert(place, (name.to_owned(), value));
    }

    /// The value with this name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.items
            .get(self.places.get(name)?)
            .map(|(_, value)| value)
    }

    /// The value with this name, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        let item = self.items.get_mut(self.places.get(name)?);
        item.map(|(_, value)| value)
    }

    /// Removes a value.
    pub fn remove(&mut self, name: &str) -> Option<T> {
        let place = self.places.remove(name)?;
        self.items.remove(&place).map(|(_, value)| value)
    }

    /// Removes the oldest value.
    pub fn remove_oldest(&mut self) {
        if let Some((_, (name, _))) = self.items.pop_first() {
            self.places.remove(&name);
        }
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// All names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.items
            .values()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The values of the page that `MaxResults` and `NextToken` ask for, of those that are wanted, and the token of the
    /// next page. A token is valid for one `list`, also if values are added or removed between pages.
    pub fn page(
        &self,
        list: &[&str],
        input: &Input,
        max_results: usize,
        is_wanted: impl Fn(&str, &T) -> bool,
    ) -> Result<Page<'_, T>, Refusal> {
        let list: Vec<&[u8]> = list.iter().map(|part| part.as_bytes()).collect();
        let prefix = uuid(&list);
        let after = match input.string("NextToken") {
            None => Bound::Unbounded,
            Some(token) => Bound::Excluded(
                token
                    .strip_prefix(&prefix)
                    .and_then(|place| u64::from_str_radix(place, 16).ok())
                    .ok_or_else(|| {
                        Refusal::new(
                            "InvalidPaginationTokenException",
                            "Invalid Pagination Token",
                        )
                    })?,
            ),
        };
        let size = match input.count("MaxResults", max_results) {
            0 => max_results,
            size => size,
        };
        let mut rest = self
            .items
            .range((after, Bound::Unbounded))
            .filter(|(_, (name, value))| is_wanted(name, value))
            .peekable();
        let mut last = 0;
        let mut page = Vec::new();
        while page.len() < size {
            let Some((place, (name, value))) = rest.next() else {
                break;
            };
            last = *place;
            page.push((name.as_str(), value));
        }
        let next = rest.peek().map(|_| format!("{prefix}{last:x}"));
        Ok((page, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn letters() -> Ordered<usize> {
        let mut letters = Ordered::default();
        for (n, name) in ["a", "b", "c", "d", "e"].iter().enumerate() {
            letters.insert(name, n);
        }
        letters
    }

    fn names(page: &[(&str, &usize)]) -> String {
        page.iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn pages_cover_the_list_once() {
        let mut letters = letters();
        let input = Input::from(json!({"MaxResults": 2}));
        let (page, next) = letters.page(&["list"], &input, 10, |_, _| true).unwrap();
        assert_eq!(names(&page), "ab");
        let input = Input::from(json!({"MaxResults": 2, "NextToken": next}));
        letters.remove("b");
        letters.remove("c");
        let (page, next) = letters.page(&["list"], &input, 10, |_, _| true).unwrap();
        assert_eq!((names(&page).as_str(), next), ("de", None));
    }

    #[test]
    fn a_page_without_a_size_has_the_most() {
        let letters = letters();
        for input in [json!({}), json!({"MaxResults": 0})] {
            let (page, next) = letters.page(&[], &input.into(), 3, |_, _| true).unwrap();
            assert_eq!(names(&page), "abc");
            assert!(next.is_some());
        }
        let all = |_: &str, n: &usize| n % 2 == 0;
        let (page, next) = letters.page(&[], &json!({}).into(), 3, all).unwrap();
        assert_eq!((names(&page).as_str(), next), ("ace", None));
    }

    #[test]
    fn a_token_is_valid_for_its_list_only() {
        let letters = letters();
        let input = Input::from(json!({"MaxResults": 1}));
        let (_, next) = letters.page(&["one"], &input, 10, |_, _| true).unwrap();
        for (list, token) in [("other", next), ("one", Some("x".to_owned()))] {
            let input = Input::from(json!({"NextToken": token}));
            let refusal = letters.page(&[list], &input, 10, |_, _| true).unwrap_err();
            assert_eq!(refusal.code, "InvalidPaginationTokenException");
        }
    }

    #[test]
    fn a_value_that_is_replaced_keeps_its_place() {
        let mut letters = letters();
        letters.insert("a", 9);
        letters.remove_oldest();
        assert_eq!(letters.get("a"), None);
        assert_eq!((letters.len(), letters.get("b")), (4, Some(&1)));
    }
}
