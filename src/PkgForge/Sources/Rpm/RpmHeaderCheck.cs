namespace PkgForge.Sources.Rpm;

/// <summary>
/// The checks of one header in memory. They are those of rpm itself, and as there, the values must lie in the order of
/// the entries without overlapping: so the work is one walk over the data, whatever an entry claims.
/// </summary>
internal ref struct RpmHeaderCheck
{
    private readonly ReadOnlySpan<byte> index;
    private readonly ReadOnlySpan<byte> data;
    private readonly RpmHeaderKind kind;
    private readonly Dictionary<uint, RpmEntry> entries;

    /// <summary>Where the region's trailer begins, which no value may touch; the end of the data where there is none.</summary>
    private int trailer;
    private int end;
    private uint previousTag;
    private bool sorted;
    private bool zeroPadding;

    private RpmHeaderCheck(ReadOnlySpan<byte> bytes, int tags, RpmHeaderKind kind)
    {
        const int intro = 16;
        index = bytes.Slice(intro, tags * RpmEntry.Size);
        data = bytes[(intro + index.Length)..];
        entries = new(tags);
        this.kind = kind;
        trailer = data.Length;
        sorted = zeroPadding = true;
    }

    public static Broken? Check(byte[] bytes, int tags, RpmHeaderKind kind, out RpmHeader? header)
    {
        var check = new RpmHeaderCheck(bytes, tags, kind);
        var hasRegion = check.Entry(0).Tag == kind.RegionTag;
        var broken = (hasRegion ? check.Region(check.Entry(0)) : null) ?? check.Values(hasRegion ? 1 : 0);
        header = broken is null
            ? new(bytes, bytes.Length - check.data.Length, check.entries)
            {
                HasRegion = hasRegion,
                IsSorted = check.sorted,
                HasZeroPadding = check.zeroPadding,
            }
            : null;
        return broken;
    }

    private readonly RpmEntry Entry(int i) => RpmEntry.Read(index[(i * RpmEntry.Size)..]);

    /// <summary>
    /// The region says how much of the header was there when it was written. In a package file that is all of it; only
    /// old signature headers have entries that were added later.
    /// </summary>
    private Broken? Region(RpmEntry region)
    {
        if (region is not { Type: RpmType.Bin, Count: RpmEntry.Size, Offset: >= 0 })
            return Bad("region", region);
        if (region.Offset > data.Length - RpmEntry.Size)
            return Bad("region", region);
        var mark = RpmEntry.Read(data[region.Offset..]);
        var isOldSignature = kind.Padded && mark.Tag == RpmTag.HeaderImage;
        if (mark is not { Type: RpmType.Bin, Count: RpmEntry.Size } || mark.Tag != region.Tag && !isOldSignature)
            return Bad("region trailer", mark);
        var size = -(long)mark.Offset;
        var isAllTags = size == index.Length;
        var isAllData = region.Offset + RpmEntry.Size == data.Length;
        var isAdded = kind.Padded && size is >= RpmEntry.Size && size < index.Length && size % RpmEntry.Size == 0;
        if (isAllTags != isAllData || !isAllTags && !isAdded)
            return Bad("region trailer", mark);
        trailer = region.Offset;
        return null;
    }

    private Broken? Values(int first)
    {
        for (var i = first; i < index.Length / RpmEntry.Size; i++)
        {
            var entry = Entry(i);
            if (Value(entry) is { } broken)
                return broken;
            if (!entries.TryAdd(entry.Tag, entry))
                return new("header-entry", $"the {kind.Words} has tag {entry.Tag} twice");
            sorted &= entry.Tag > previousTag;
            previousTag = entry.Tag;
        }

        zeroPadding &= trailer < end || IsZero(end, trailer);
        return first == 0 && end != data.Length
            ? new("header-size", $"the {kind.Words} has {data.Length - end} bytes of data that no tag uses")
            : null;
    }

    private Broken? Value(RpmEntry entry)
    {
        if (entry.Type is < RpmType.Char or > RpmType.I18nString || entry.Tag < 100)
            return Bad("entry", entry);
        var isTooMany = entry.Type != RpmType.Bin && entry.Count > RpmHeaderKind.MaxValues;
        if (entry.Count < 1 || entry.Count > data.Length || isTooMany)
            return Bad("entry", entry);
        if (entry.Offset < end || entry.Offset >= data.Length || entry.Offset % Math.Max(1, entry.ValueSize) != 0)
            return Bad("entry", entry);
        if (Length(entry) is not { } length || Touches(entry.Offset, entry.Offset + length))
            return Bad("entry", entry);
        if (kind.Shape(entry.Tag) is { } shape && !entry.Fits(shape))
            return new("header-entry", $"the {kind.Words} has a tag of the wrong type ({entry})");
        zeroPadding &= IsZero(end, entry.Offset);
        end = entry.Offset + length;
        return null;
    }

    /// <summary>Bytes of a value; null if it does not end within the data.</summary>
    private readonly int? Length(RpmEntry entry)
    {
        var rest = data[entry.Offset..];
        if (entry.ValueSize > 0)
            return entry.Count * (long)entry.ValueSize is var size && size <= rest.Length ? (int)size : null;
        if (entry is { Type: RpmType.String, Count: not 1 })
            return null;
        var length = 0;
        for (var i = 0; i < entry.Count; i++)
        {
            var zero = rest[length..].IndexOf((byte)0);
            if (zero < 0)
                return null;
            length += zero + 1;
        }

        return length;
    }

    private readonly bool Touches(int from, int to) =>
        trailer < data.Length && to > trailer && from < trailer + RpmEntry.Size;

    /// <summary>Asked only of gaps; the trailer of a region is no gap.</summary>
    private readonly bool IsZero(int from, int to) =>
        from <= trailer && to > trailer && trailer < data.Length || !data[from..to].ContainsAnyExcept((byte)0);

    private readonly Broken Bad(string what, RpmEntry entry) =>
        new("header-entry", $"the {kind.Words} has a bad {what} ({entry})");
}
