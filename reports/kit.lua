-- The kit's own look, for both paths: Quarto runs this filter after its own, Pandoc after the filters of the package.
--
--   * a cell that says ▲ Green, ● Amber or ▼ Red is coloured by its word (word and shape stay: never by colour alone);
--   * header cells say in HTML which way they point;
--   * the columns of a wide table share the width by what stands in them, and short cells stay on one line;
--   * a .synthetic block stands out, and vanishes when it is empty;
--   * a .known passage stands where all its numbers are there; where one is not ([x]), the .otherwise after it does;
--   * alternative text is where Pandoc's writers look for it;
--   * what Quarto adds for itself goes: a cell of layout around each float in Word, the builder's paths in the page.

local is_html = FORMAT:match("html") ~= nil
local is_docx = FORMAT == "docx"
local is_typst = FORMAT == "typst"

local LEVELS = {
  Green = { class = "rag-green", style = "RAG Green", fill = "#d4f0ec", ink = "#0b4f48" },
  Amber = { class = "rag-amber", style = "RAG Amber", fill = "#fde3d3", ink = "#7a3205" },
  Red = { class = "rag-red", style = "RAG Red", fill = "#f2d5e3", ink = "#6b1043" },
}

local function colour(value)
  return 'rgb("' .. value .. '")'
end

-- A level ------------------------------------------------------------------------------------------------------

local function level_of(text)
  for _, shape in ipairs({ "▲", "●", "▼" }) do
    text = text:gsub("^%s*" .. shape, "")
  end
  return LEVELS[text:match("^%s*(.-)%s*$")]
end

local function marked(inlines, level)
  if is_docx then
    return { pandoc.Span(inlines, { ["custom-style"] = level.style }) }
  end
  if is_typst then
    -- In pairs: the order of a Lua table is another in each run.
    local look = { { "typst:text:fill", colour(level.ink) }, { "typst:text:weight", '"bold"' } }
    return { pandoc.Span(inlines, pandoc.Attr("", {}, look)) }
  end
  return { pandoc.Span(inlines, { class = "rag " .. level.class }) }
end

local function coloured(cell, level)
  local function mark(block)
    block.content = marked(block.content, level)
    return block
  end
  cell.contents = cell.contents:walk({ Plain = mark, Para = mark })
  if is_typst then
    cell.attributes["typst:fill"] = colour(level.fill)
  end
end

-- Tables -------------------------------------------------------------------------------------------------------

-- Widths: in halves of the height of the type, of which a line of a table holds about as many as LINE on paper.
local LINE, PADDING, SHORT = 100, 2.4, 13
local HEADING = 1.12 -- bold type is wider

-- How wide a sans-serif letter is, where it is far from the 1.1 of most.
local LETTERS = {
  { "[iIljt.,:;'|!()%[%]f ]", 0.6 },
  { "[r%-/]", 0.75 },
  { "[mM%%@W]", 1.75 },
  { "[wA-Z]", 1.45 },
}

-- Each letter is looked up once; there are many cells, and few letters.
local WIDTHS = setmetatable({}, {
  __index = function(widths, letter)
    local width = 1.1
    for _, class in ipairs(LETTERS) do
      if letter:match("^" .. class[1] .. "$") then
        width = class[2]
        break
      end
    end
    widths[letter] = width
    return width
  end,
})

local function width_of(text)
  local width = 0
  for letter in text:gmatch(utf8.charpattern) do
    width = width + WIDTHS[letter]
  end
  return width
end

local function is_short(text)
  return (utf8.len(text) or #text) <= SHORT
end

local function widest_word(text)
  local widest = 0
  for word in text:gmatch("%S+") do
    widest = math.max(widest, width_of(word))
  end
  return widest
end

-- What a column needs at least (its widest word), what it had better have (short cells on one line), what it would like.
local function needs(columns, number, text, factor)
  local whole, word = width_of(text) * factor, widest_word(text) * factor
  local better = is_short(text) and whole or word
  local column = columns[number] or { least = 0, better = 0, wish = 0 }
  column.least = math.max(column.least, word)
  column.better = math.max(column.better, better)
  column.wish = math.max(column.wish, whole)
  columns[number] = column
end

local function total_of(columns, need)
  local total = 0
  for _, column in ipairs(columns) do
    total = total + column[need] + PADDING
  end
  return total
end

-- Each column gets one need in full, and a share of what is left of the line towards the next one.
local function shared(columns)
  local first, second = "better", "wish"
  if total_of(columns, first) > LINE then
    first, second = "least", "better"
  end
  local spare = math.max(LINE - total_of(columns, first), 0)
  local wanted = math.max(total_of(columns, second) - total_of(columns, first), 1)
  local widths, total = {}, 0
  for number, column in ipairs(columns) do
    widths[number] = column[first] + PADDING + spare * (column[second] - column[first]) / wanted
    total = total + widths[number]
  end
  for number, width in ipairs(widths) do
    widths[number] = math.floor(1000 * width / total) / 1000
  end
  return widths
end

-- Only where Pandoc has given widths: a narrow table is as wide as its words. A browser shares the width better itself.
local function has_widths(table_)
  local specs = table_.colspecs
  return #specs > 1 and specs[1][2] ~= nil and specs[1][2] > 0
end

local function with_widths(table_, columns)
  local specs = table_.colspecs
  if not is_html and #columns ~= #specs then
    return
  end
  local widths = is_html and {} or shared(columns)
  for number, spec in ipairs(specs) do
    specs[number] = { spec[1], widths[number] }
  end
  table_.colspecs = specs
end

-- Calls visit(cell, number of the column) for each cell of some rows. A cell costs more to put back than to look at,
-- so rows are put back only where visit says that it changed something. Returns the rows.
local function each_cell(rows, visit)
  for _, row in ipairs(rows) do
    local cells, changed = row.cells, false
    for number, cell in ipairs(cells) do
      changed = visit(cell, number) or changed
    end
    if changed then
      row.cells = cells
    end
  end
  return rows
end

local function dressed(table_)
  local columns, has_columns = {}, has_widths(table_)
  local head, bodies = table_.head, table_.bodies
  head.rows = each_cell(head.rows, function(cell, number)
    if is_html then
      cell.attributes.scope = cell.attributes.scope or "col"
    elseif has_columns then
      needs(columns, number, pandoc.utils.stringify(cell.contents), HEADING)
    end
    return is_html
  end)
  for _, body in ipairs(bodies) do
    body.body = each_cell(body.body, function(cell, number)
      local text = pandoc.utils.stringify(cell.contents)
      local level = level_of(text)
      if level then
        coloured(cell, level)
      end
      if is_html and is_short(text) then
        -- Short cells stay on one line in a browser too.
        cell.classes:insert("short")
        return true
      elseif has_columns and not is_html then
        needs(columns, number, text, 1)
      end
      return level ~= nil
    end)
  end
  table_.head, table_.bodies = head, bodies
  if has_columns then
    with_widths(table_, columns)
  end
  -- Pandoc would wrap the table in a figure of its own; the numbered figure around it is the one that counts.
  if is_typst and not table_.classes:includes("typst:no-figure") then
    table_.classes:insert("typst:no-figure")
  end
  return table_
end

-- Quarto's floats in Word --------------------------------------------------------------------------------------

-- Quarto lays each float out in a table of one cell, in which a long table has no heading on its second page and a
-- screen reader meets a table that is none. What the cell holds is put as Pandoc's own figures and tables are.

local function float_in_cell(table_)
  local rows = #table_.colspecs == 1 and #table_.head.rows == 0 and #table_.bodies == 1 and table_.bodies[1].body
  local cells = rows and #rows == 1 and rows[1].cells
  local inside = cells and #cells == 1 and #cells[1].contents == 1 and cells[1].contents[1]
  if inside and inside.t == "Div" and (inside.identifier:match("^fig%-") or inside.identifier:match("^tbl%-")) then
    return inside
  end
end

local function is_caption(block)
  local first = block.t == "Para" and block.content[1]
  return first and first.t == "RawInline" and first.text:match("ImageCaption") ~= nil
end

-- Caption and content of a float, out of the blocks that stand for a notebook's cell.
local function taken_apart(blocks)
  local content, caption = pandoc.Blocks({}), pandoc.Inlines({})
  for _, block in ipairs(blocks) do
    if is_caption(block) then
      caption = pandoc.Inlines({ table.unpack(block.content, 2) })
    elseif block.t == "Div" then
      local inner, caption_inside = taken_apart(block.content)
      content:extend(inner)
      caption = #caption > 0 and caption or caption_inside
    else
      content:insert(block)
    end
  end
  return content, caption
end

local function without_cell(div)
  local content, caption = taken_apart(div.content)
  local first = content[1]
  if first and first.t == "Table" then
    first.caption = { long = pandoc.Blocks({ pandoc.Plain(caption) }) }
    local notes = pandoc.Div({ table.unpack(content, 2) }, { ["custom-style"] = "Table Note" })
    return pandoc.Div(#content > 1 and { first, notes } or { first }, pandoc.Attr(div.identifier, { "float", "float-tbl" }))
  end
  content = content:walk({
    Para = function(paragraph)
      return pandoc.Plain(paragraph.content)
    end,
  })
  local figure = pandoc.Figure(content, pandoc.Blocks({ pandoc.Plain(caption) }))
  figure.attr = pandoc.Attr(div.identifier, { "float", "float-fig" })
  return figure
end

local function table_or_float(table_)
  local float = is_docx and float_in_cell(table_)
  return float and without_cell(float) or dressed(table_)
end

-- The banner of synthetic data ---------------------------------------------------------------------------------

local function banner(div)
  if pandoc.utils.stringify(div.content) == "" then
    return {}
  end
  if is_docx then
    div.attributes["custom-style"] = "Synthetic"
  elseif is_typst then
    div.attributes["typst:fill"] = colour("#fff3cd")
    div.attributes["typst:stroke"] = "1.5pt + " .. colour("#801650")
    div.attributes["typst:inset"] = "10pt"
    div.attributes["typst:width"] = "100%"
    div.attributes["typst:text:weight"] = '"bold"'
  else
    div.attributes.role = "note"
  end
  return div
end

-- Quarto notes on each embedded cell where its notebook lay, as a whole path of the machine that rendered it.
local function without_path(div)
  local kept = {}
  for name, value in pairs(div.attributes) do
    if not name:match("^notebook") then
      table.insert(kept, { name, value })
    end
  end
  div.attr = pandoc.Attr(div.identifier, div.classes, kept)
  return div
end

-- What an extract cannot tell ---------------------------------------------------------------------------------

-- Passages come in pairs, a .known and an .otherwise; each kind of element is met in the order of the text.
local lacking = {}

local function one_of_a_pair(element)
  if element.classes:includes("known") then
    lacking[element.t] = pandoc.utils.stringify(element):find("[x]", 1, true) ~= nil
    return lacking[element.t] and {} or element.content
  end
  if element.classes:includes("otherwise") then
    return lacking[element.t] and element.content or {}
  end
end

local function own_div(div)
  local chosen = one_of_a_pair(div)
  if chosen then
    return chosen
  end
  if div.classes:includes("synthetic") then
    return banner(div)
  end
  if div.classes:includes("quarto-embed-nb-cell") then
    return without_path(div)
  end
end

local function own_span(span)
  local chosen = one_of_a_pair(span)
  if chosen then
    return chosen
  end
  if not span.classes:includes("synthetic") then
    return nil
  end
  if is_docx then
    span.attributes["custom-style"] = "Synthetic Text"
  elseif is_typst then
    span.attributes["typst:text:weight"] = '"bold"'
    span.attributes["typst:text:fill"] = colour("#801650")
  end
  return span
end

-- Alternative text ---------------------------------------------------------------------------------------------

local function alternative_text(image)
  local alt = image.attributes["fig-alt"] or image.attributes.alt
  if alt then
    image.caption = { pandoc.Str(alt) }
    return image
  end
end

-- Where a filter names no kind of element, Pandoc does not look for it.
local image = is_docx and alternative_text or nil

return { { Table = table_or_float, Div = own_div, Span = own_span, Image = image } }
