//! Tables on the page.

use std::fmt::Write as _;

use baton_domain::text::escaped;

/// A table in a box that scrolls where it is wider than the screen.
pub(super) fn table(caption: &str, header: &[String], rows: &[Vec<String>]) -> String {
    let caption = escaped(caption);
    let mut html = format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\">\n\
         <table>\n<caption class=\"soft\">{caption}</caption>\n<thead><tr>"
    );
    for name in header {
        let _ = write!(html, "<th scope=\"col\"><bdi>{}</bdi></th>", escaped(name));
    }
    html += "</tr></thead>\n<tbody>\n";
    for row in rows {
        html += "<tr>";
        for cell in row {
            let _ = write!(html, "<td><bdi>{}</bdi></td>", escaped(cell));
        }
        html += "</tr>\n";
    }
    html + "</tbody>\n</table>\n</div>\n"
}

/// The numbers of a picture, folded away under it.
pub(super) fn details(caption: &str, header: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    format!(
        "<details>\n<summary>The numbers</summary>\n{}</details>\n",
        table(caption, &header, rows)
    )
}
