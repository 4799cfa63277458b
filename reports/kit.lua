-- The kit's own look, for both paths: Quarto runs this filter after its own, Pandoc after the filters of the package.
--
--   * a cell that says ▲ Green, ● Amber or ▼ Red is coloured by its word (word and shape stay: never by colour alone);
--   * header cells say in HTML which way they point;
--   * the columns of a wide table share the width by what stands in them, and short cells stay on one line;
--   * a .synthetic block stands out, and vanishes when it is empty;
--   * alternative text is where Pandoc's writers look for it.

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

local function level_of(cell)
  local text = pandoc.utils.stringify(cell.contents)
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

local function coloured(cell)
  local level = level_of(cell)
  if not level then
    return cell
  end
  local function mark(block)
    block.content = marked(block.content, level)
    return block
  end
  cell.contents = cell.contents:walk({ Plain = mark, Para = mark })
  if is_typst then
    cell.attributes["typst:fill"] = colour(level.fill)
  end
  return cell
end

-- Tables -------------------------------------------------------------------------------------------------------

-- Widths: in characters, of which a line of a table holds about as many as LINE on paper.
local LINE, PADDING, SHORT = 104, 2.8, 13

local function each_cell(rows, change)
  return rows:map(function(row)
    row.cells = row.cells:map(change)
    return row
  end)
end

-- Short cells stay on one line in a browser too.
local function short(cell)
  local text = pandoc.utils.stringify(cell.contents)
  if is_html and (utf8.len(text) or #text) <= SHORT then
    cell.classes:insert("short")
  end
  return cell
end

local function column_header(cell)
  if is_html and cell.attributes.scope == nil then
    cell.attributes.scope = "col"
  end
  return cell
end

local function longest_word(text)
  local longest = 0
  for word in text:gmatch("%S+") do
    longest = math.max(longest, utf8.len(word) or #word)
  end
  return longest
end

-- What a column needs at least (its longest word; all of it when it is short), and what it would like.
local function needs(columns, rows, factor)
  for _, row in ipairs(rows) do
    for number, cell in ipairs(row.cells) do
      local text = pandoc.utils.stringify(cell.contents)
      local length = (utf8.len(text) or #text) * factor
      local least = length <= SHORT and length or longest_word(text) * factor
      local column = columns[number] or { least = 0, wish = 0 }
      column.least, column.wish = math.max(column.least, least), math.max(column.wish, length)
      columns[number] = column
    end
  end
end

local function shared(columns)
  local least, wish = 0, 0
  for _, column in ipairs(columns) do
    least, wish = least + column.least + PADDING, wish + column.wish + PADDING
  end
  local spare, wanted = math.max(LINE - least, 0), math.max(wish - least, 1)
  local widths, total = {}, 0
  for number, column in ipairs(columns) do
    widths[number] = column.least + PADDING + spare * (column.wish - column.least) / wanted
    total = total + widths[number]
  end
  for number, width in ipairs(widths) do
    widths[number] = math.floor(1000 * width / total) / 1000
  end
  return widths
end

-- Only where Pandoc has given widths: a narrow table is as wide as its words. A browser shares the width better itself.
local function fit_columns(table_)
  local specs = table_.colspecs
  if #specs < 2 or not (specs[1][2] and specs[1][2] > 0) then
    return
  end
  if is_html then
    for number, spec in ipairs(specs) do
      specs[number] = { spec[1], nil }
    end
    table_.colspecs = specs
    return
  end
  local columns = {}
  needs(columns, table_.head.rows, 1.15)
  for _, body in ipairs(table_.bodies) do
    needs(columns, body.body, 1)
  end
  if #columns ~= #specs then
    return
  end
  for number, width in ipairs(shared(columns)) do
    specs[number] = { specs[number][1], width }
  end
  table_.colspecs = specs
end

function Table(table_)
  fit_columns(table_)
  local head = table_.head
  if #head.rows > 0 then
    head.rows = each_cell(pandoc.List(head.rows), column_header)
    table_.head = head
  end
  table_.bodies = pandoc.List(table_.bodies):map(function(body)
    body.body = each_cell(pandoc.List(body.body), function(cell)
      return short(coloured(cell))
    end)
    return body
  end)
  return table_
end

-- The banner of synthetic data ---------------------------------------------------------------------------------

function Div(div)
  if not div.classes:includes("synthetic") then
    return nil
  end
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

function Span(span)
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

function Image(image)
  local alt = image.attributes["fig-alt"] or image.attributes.alt
  if alt and is_docx then
    image.caption = { pandoc.Str(alt) }
    return image
  end
end
