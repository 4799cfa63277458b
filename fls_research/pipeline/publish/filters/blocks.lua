-- Quarto's blocks, which plain Pandoc passes over: conditional content, callouts and page breaks.
-- It runs on the Pandoc path only, before anything is numbered, as in Quarto.

local CALLOUTS = { note = "Note", warning = "Warning", important = "Important", tip = "Tip", caution = "Caution" }
local COLOURS = { note = "#2073bc", warning = "#f46a25", important = "#801650", tip = "#28a197", caution = "#a34712" }

local is_html = FORMAT:match("^html") ~= nil
local is_docx = FORMAT == "docx"
local is_typst = FORMAT == "typst"

local function raw(text)
  return pandoc.RawBlock("typst", text)
end

-- Conditional content ------------------------------------------------------------------------------------------

local function is_this_format(name)
  return name == FORMAT or (name == "html" and is_html)
end

local function is_shown(element)
  local attributes = element.attributes
  local wanted, unwanted = attributes["when-format"], attributes["unless-format"]
  local met = (wanted == nil or is_this_format(wanted)) and (unwanted == nil or not is_this_format(unwanted))
  if element.classes:includes("content-visible") then
    return met
  end
  return not met
end

local function conditional(element)
  if element.classes:includes("content-visible") or element.classes:includes("content-hidden") then
    return is_shown(element) and element.content or {}
  end
end

-- Callouts -----------------------------------------------------------------------------------------------------

local function callout_kind(div)
  for _, class in ipairs(div.classes) do
    local kind = class:match("^callout%-(%l+)$")
    if kind and CALLOUTS[kind] then
      return kind
    end
  end
end

local function callout_parts(div, kind)
  local title, content = div.attributes.title, div.content:clone()
  if title then
    return pandoc.utils.blocks_to_inlines(pandoc.read(title, "markdown").blocks), content
  end
  if content[1] and content[1].t == "Header" then
    return content[1].content, pandoc.Blocks({ table.unpack(content, 2) })
  end
  return pandoc.Inlines({ pandoc.Str(CALLOUTS[kind]) }), content
end

local function typst_callout(kind, title, content)
  local blocks = pandoc.Blocks({ raw("#callout(title: [") })
  blocks:insert(pandoc.Plain(title))
  blocks:insert(raw('], icon_color: rgb("' .. COLOURS[kind] .. '"), body: ['))
  blocks:extend(content)
  blocks:insert(raw("])\n"))
  return blocks
end

-- Pandoc gives the style of a block to the paragraphs of a list, but not to the short form a list without gaps has.
local function as_paragraphs(blocks)
  return blocks:walk({
    Plain = function(plain)
      return pandoc.Para(plain.content)
    end,
  })
end

local function callout(div)
  local kind = callout_kind(div)
  if not kind then
    return nil
  end
  local title, content = callout_parts(div, kind)
  if is_typst then
    return typst_callout(kind, title, content)
  end
  if is_docx then
    return {
      pandoc.Div({ pandoc.Para(title) }, { ["custom-style"] = "Callout Title" }),
      pandoc.Div(as_paragraphs(content), { ["custom-style"] = "Callout" }),
    }
  end
  return pandoc.Div({
    pandoc.Div({ pandoc.Plain(title) }, { class = "callout-title" }),
    pandoc.Div(content, { class = "callout-body" }),
  }, { class = "callout callout-" .. kind, role = "note" })
end

-- Page breaks --------------------------------------------------------------------------------------------------

local PAGE_BREAKS = {
  docx = { "openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>' },
  typst = { "typst", "#pagebreak()" },
}

local function page_break(div)
  if not div.classes:includes("pagebreak") then
    return nil
  end
  local text = PAGE_BREAKS[FORMAT]
  return text and pandoc.RawBlock(text[1], text[2]) or pandoc.Div({}, { class = "pagebreak" })
end

return {
  { Div = conditional, Span = conditional },
  {
    Div = function(div)
      return page_break(div) or callout(div)
    end,
  },
}
