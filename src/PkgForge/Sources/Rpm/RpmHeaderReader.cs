using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace PkgForge.Sources.Rpm;

/// <summary>Reads a header, lazily: nothing is allocated that the file does not hold.</summary>
internal static class RpmHeaderReader
{
    private const int IntroSize = 16;

    private static ReadOnlySpan<byte> Magic => [0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0];

    public static bool TryRead(
        FilePass file,
        RpmHeaderKind kind,
        [NotNullWhen(true)] out RpmHeader? header,
        [NotNullWhen(false)] out Broken? broken
    )
    {
        header = null;
        broken =
            ReadBytes(file, kind, out var bytes, out var tags)
            ?? RpmHeaderCheck.Check(bytes, tags, kind, out header)
            ?? (kind.Padded ? ReadPadding(file, bytes.Length, kind) : null);
        if (broken is null && header is null)
            throw new InvalidOperationException("a header without a fault must be there");
        return broken is null;
    }

    private static Broken? ReadBytes(FilePass file, RpmHeaderKind kind, out byte[] bytes, out int tags)
    {
        (bytes, tags) = ([], 0);
        Span<byte> intro = stackalloc byte[IntroSize];
        if (!file.TryRead(intro))
            return Truncated(kind);
        if (!intro[..8].SequenceEqual(Magic))
            return new("header-magic", $"the {kind.Words} does not begin with the magic 8eade801 00000000");
        var count = BinaryPrimitives.ReadUInt32BigEndian(intro[8..]);
        var data = BinaryPrimitives.ReadUInt32BigEndian(intro[12..]);
        if (Bounds(count, data, kind) is { } broken)
            return broken;
        tags = (int)count;
        var size = tags * RpmEntry.Size + (int)data;
        if (size > file.Remaining)
            return Truncated(kind);
        bytes = new byte[IntroSize + size];
        intro.CopyTo(bytes);
        return file.TryRead(bytes.AsSpan(IntroSize)) ? null : Truncated(kind);
    }

    private static Broken? Bounds(uint count, uint data, RpmHeaderKind kind) =>
        count < 1 || count > kind.MaxTags
            ? new("header-count", $"the {kind.Words} has {count} tags; 1 to {kind.MaxTags} are allowed")
        : data < 1 || data > kind.MaxData
            ? new("header-size", $"the {kind.Words} has {data} bytes of data; 1 to {kind.MaxData} are allowed")
        : null;

    private static Broken? ReadPadding(FilePass file, int size, RpmHeaderKind kind)
    {
        Span<byte> padding = stackalloc byte[-size & 7];
        return !file.TryRead(padding) ? Truncated(kind)
            : padding.ContainsAnyExcept((byte)0)
                ? new("padding", $"the padding after the {kind.Words} holds something other than zeros")
            : null;
    }

    private static Broken Truncated(RpmHeaderKind kind) => new("truncated", $"ends within the {kind.Words}");
}
