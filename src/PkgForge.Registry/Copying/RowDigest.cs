using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PkgForge.Registry.Copying;

/// <summary>
/// SHA-256 over a table's rows in a form that is the same for both databases: each value is a byte that tells its kind, then a whole number in
/// eight bytes, or a text's length and its UTF-8.
/// </summary>
internal sealed class RowDigest : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>So many rows were added.</summary>
    public long Rows { get; private set; }

    public void EndRow() => Rows++;

    public void AddNull() => hash.AppendData([0]);

    public void Add(long number)
    {
        Span<byte> bytes = stackalloc byte[9];
        bytes[0] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[1..], number);
        hash.AppendData(bytes);
    }

    public void Add(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> head = stackalloc byte[5];
        head[0] = 2;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
        hash.AppendData(head);
        hash.AppendData(bytes);
    }

    /// <summary>The digest of all that was added.</summary>
    public string End() => Convert.ToHexStringLower(hash.GetHashAndReset());

    public void Dispose() => hash.Dispose();
}
