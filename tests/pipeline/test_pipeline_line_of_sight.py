"""The funder's table says what the facts say, on the page where it stands, and nothing else gets in."""

import io
import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn
from sight_edition import RECOMMENDATIONS, SHEETS, YEAR, results, write_edition, write_project

from fls_research.errors import ParamsError, PublishError
from fls_research.pipeline.line_of_sight.table import HEADINGS
from fls_research.pipeline.line_of_sight.write import read_line_of_sight, write_line_of_sight


@pytest.fixture
def project(tmp_path):
    return write_project(tmp_path)


@pytest.fixture
def run_dir(tmp_path):
    return write_edition(tmp_path / "run")


def written(project, run_dir):
    word, page = write_line_of_sight(YEAR, root=project, run_dir=run_dir)
    return Document(str(word)), page.read_text(encoding="utf-8")


def cells(document):
    return [cell.text for cell in document.tables[1].rows[1].cells]


def texts_of_links(document):
    body = document.element.body
    return ["".join(t.text for t in link.iter(qn("w:t"))) for link in body.iter(qn("w:hyperlink"))]


def test_the_table_has_the_funder_s_columns_in_the_funder_s_order(project, run_dir):
    document, page = written(project, run_dir)
    assert tuple(cell.text for cell in document.tables[1].rows[0].cells) == HEADINGS
    assert [page.index(f">{heading}</th>") for heading in HEADINGS] == sorted(
        page.index(f">{h}</th>") for h in HEADINGS
    )


def test_a_row_holds_the_evidence_with_its_page_and_its_numbers(project, run_dir):
    number, text, audience, evidence, standard, levers, _, before = cells(written(project, run_dir)[0])
    assert number == "Rec 1"
    assert text.splitlines()[-2:] == ["Look at the data.", "Meet."]
    assert audience == "Boards"
    assert evidence == "Page 3 (Table 2). 19 of 77 services assessed fewer than half in 2024."
    assert standard == "KPI 4 – Assessment within 90 days: 80% or more"
    assert levers == "N/A – none is named"
    assert before.splitlines() == ["KPI 4", "2023: 65%", "2024: 69%", "Up 3.6 points"]


def test_changing_one_figure_in_the_data_changes_the_word_table(project, run_dir):
    before = cells(written(project, run_dir)[0])
    write_edition(run_dir, results(below=20, now=64.0))
    after = cells(written(project, run_dir)[0])
    changed = [place for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    assert changed == [3, 7]
    assert "20 of 77" in after[3] and "19" not in after[3]
    assert after[7].splitlines()[2:] == ["2024: 64%", "Down 1.4 points"]


def test_a_page_moves_with_the_report(project, run_dir):
    write_edition(run_dir, sheets=SHEETS.replace("First page.", "First page.\n#pagebreak()\nAnother."))
    assert cells(written(project, run_dir)[0])[3].startswith("Page 4 (Table 2).")


def test_guidance_is_a_real_link(project, run_dir):
    document, page = written(project, run_dir)
    targets = [rel.target_ref for rel in document.part.rels.values() if rel.reltype.endswith("/hyperlink")]
    assert "https://www.nice.org.uk/guidance/ng249" in targets
    assert texts_of_links(document)[0].startswith("NICE NG249: ")
    assert '<a href="https://www.nice.org.uk/guidance/ng249">' in page


def test_the_word_file_can_be_read_aloud(project, run_dir):
    document, _ = written(project, run_dir)
    head, body = document.tables
    assert body.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert body._tbl.tblPr.find(qn("w:tblLook")).get(qn("w:firstRow")) == "1"
    for table in (head, body):
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        assert not list(table._tbl.iter(qn("w:gridSpan"), qn("w:vMerge")))
    assert document.core_properties.language == "en-GB" and document.core_properties.title
    assert {language.get(qn("w:val")) for language in document.styles.element.iter(qn("w:lang"))} == {"en-GB"}
    section = document.sections[0]
    assert section.page_width > section.page_height


def test_the_properties_of_a_table_stand_in_the_order_of_the_format(project, run_dir):
    order = [
        "tblStyle",
        "tblW",
        "jc",
        "tblBorders",
        "tblLayout",
        "tblCellMar",
        "tblLook",
        "tblCaption",
        "tblDescription",
    ]
    for table in written(project, run_dir)[0].tables:
        names = [part.tag.partition("}")[2] for part in table._tbl.tblPr]
        assert names == sorted(names, key=order.index)


def test_synthetic_numbers_say_so(project, run_dir):
    document, page = written(project, run_dir)
    assert any(p.text.startswith("SYNTHETIC DATA") for p in document.paragraphs) and "SYNTHETIC DATA" in page
    document, page = written(project, write_edition(run_dir, synthetic=False))
    assert not any("SYNTHETIC" in p.text for p in document.paragraphs) and "SYNTHETIC" not in page


def test_words_cannot_become_markup(project, run_dir):
    page = written(project, run_dir)[1]
    assert "Steps &amp; &lt;signs&gt;" in page and "<signs>" not in page


def test_the_same_edition_gives_the_same_bytes(project, run_dir):
    first = [path.read_bytes() for path in write_line_of_sight(YEAR, root=project, run_dir=run_dir)]
    assert first == [path.read_bytes() for path in write_line_of_sight(YEAR, root=project, run_dir=run_dir)]
    with zipfile.ZipFile(io.BytesIO(first[0])) as parts:
        assert parts.testzip() is None


def test_the_manifest_proves_what_was_written(project, run_dir):
    import json

    write_line_of_sight(YEAR, root=project, run_dir=run_dir)
    reports = json.loads((run_dir / "manifest.json").read_text(encoding="utf-8"))["reports"]
    assert set(reports) == {"annual-report.pdf", "line-of-sight.docx", "line-of-sight.html"}


PLANTED = {
    "an unknown fact": ("services.now.below-50 >}} of", "services.now.below-5 >}} of", "no fact 'kpi4.services.2024"),
    "a fact of another result": ("result: tbl-kpi-colours", "result: tbl-kpi-national", "does not state the fact"),
    "a result that the report does not show": ("result: tbl-kpi-colours", "result: tbl-colours", "no result"),
    "an unknown guideline": ("NICE NG249", "NICE CG249", "did you mean 'NICE NG249'"),
    "an earlier result that is no fact": ("kpi4.national.2023", "kpi4.national.2020", "has no fact"),
    "another shortcode": ("{{< var year.now >}}", "{{< meta title >}}", "only {{< var"),
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_what_does_not_hold_stops_it_and_nothing_is_written(project, run_dir, planted):
    old, new, message = PLANTED[planted]
    assert old in RECOMMENDATIONS
    write_project(project, RECOMMENDATIONS.replace(old, new))
    with pytest.raises(PublishError, match="recommendation 'assessment'") as caught:
        write_line_of_sight(YEAR, root=project, run_dir=run_dir)
    assert message in str(caught.value)
    assert not list(run_dir.glob("line-of-sight*"))


def test_a_sentence_without_a_fact_stops_it(project, run_dir):
    begin, end = RECOMMENDATIONS.index("      - sentence"), RECOMMENDATIONS.index("        result:")
    typed = RECOMMENDATIONS[:begin] + '      - sentence: "19 of 77 services."\n' + RECOMMENDATIONS[end:]
    write_project(project, typed)
    with pytest.raises(PublishError, match="the sentence holds no fact"):
        read_line_of_sight(YEAR, root=project, run_dir=run_dir)


def test_a_suppressed_fact_stops_it(project, run_dir):
    told = results()
    told["tbl-kpi-colours"]["kpi4.services.2024.below-50"] |= {"suppressed": True, "value": None, "text": "[c]"}
    write_edition(run_dir, told)
    with pytest.raises(PublishError, match=r"kpi4\.services\.2024\.below-50' is suppressed"):
        read_line_of_sight(YEAR, root=project, run_dir=run_dir)


def test_a_page_without_the_numbers_stops_it(project, run_dir):
    write_edition(run_dir, sheets=SHEETS.replace("KPI 4 {below} 77", "nothing").replace("12", "{below}0"))
    with pytest.raises(PublishError, match=r"Table 2 on page 3 of the PDF .* does not show 19"):
        read_line_of_sight(YEAR, root=project, run_dir=run_dir)


def test_a_restated_value_is_seen_as_restated(project, run_dir):
    told = results()
    told["tbl-kpi-national"]["published.kpi4.national.2023.percent.report-2023"] = {
        **told["tbl-kpi-national"]["published.kpi4.national.2023.percent.report-2024"], "value": 62.0, "text": "62%"
    }  # fmt: skip
    write_edition(run_dir, told)
    before = cells(written(project, run_dir)[0])[7].splitlines()
    assert before[1] == "2023: 65% (restated: 62% was printed in the report on 2023 data)"


def test_values_of_two_definitions_are_not_compared(project, run_dir):
    told = results()
    told["tbl-kpi-national"]["kpi4.national.2023.percent"]["definition"] = "kpi4.2010"
    write_edition(run_dir, told)
    assert cells(written(project, run_dir)[0])[7].endswith("Not comparable: definition changed")


def test_there_must_be_an_edition_and_recommendations(project, tmp_path):
    with pytest.raises(PublishError, match="There is no edition of 2024"):
        read_line_of_sight(YEAR, root=project, run_dir=tmp_path / "nowhere")
    with pytest.raises(ParamsError, match="No recommendations for 2023"):
        read_line_of_sight(2023, root=project)
