using System.Text;
using PkgForge.Yaml;

namespace PkgForge.Records;

/// <summary><c>record.yml</c>: reads and writes the record of an attempt. The reader is bounded, and knows no anchors, aliases or tags.</summary>
public static class RecordFile
{
    /// <summary>Its name in the results directory of an attempt.</summary>
    public const string Name = "record.yml";

    /// <summary>The version of the format that is written, and the only one that is read.</summary>
    public const int Version = 1;

    /// <summary>The most bytes that are read.</summary>
    public const int MostBytes = 64 << 20;

    /// <summary>A thousand sources, each with a layer of a thousand packages, and what belongs to them.</summary>
    private const int MostNodes = 2_000_000;

    /// <summary>The text of a record.</summary>
    public static string Write(AttemptRecord record) => RecordWriter.Write(record);

    /// <summary>Reads a record. Whatever the bytes are, the answer is a record, or what is wrong.</summary>
    public static (AttemptRecord? Record, string? Error) Read(ReadOnlySpan<byte> bytes) =>
        YamlDocument.Read(bytes, RecordReader.Read, MostNodes);

    /// <summary>Reads the record in a file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static (AttemptRecord? Record, string? Error) ReadFile(string path)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        if (length > MostBytes)
            return (null, $"it has {length} bytes; {MostBytes} is the most");
        var bytes = new byte[length];
        var read = RandomAccess.Read(file, bytes, 0);
        return Read(bytes.AsSpan(0, read));
    }
}
