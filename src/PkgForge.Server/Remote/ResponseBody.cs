namespace PkgForge.Server.Remote;

/// <summary>Reads what the server answers with.</summary>
internal static class ResponseBody
{
    /// <summary>
    /// Reads on. A connection that breaks throws something else with TLS and HTTP/2 than without them, and a disk of this machine may throw the
    /// same: what breaks here is told as <see cref="HttpIOException"/>, whatever is below.
    /// </summary>
    public static async ValueTask<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancel)
    {
        try
        {
            return await body.ReadAsync(buffer, cancel);
        }
        catch (IOException e) when (e is not HttpIOException)
        {
            throw new HttpIOException(HttpRequestError.ResponseEnded, e.Message, e);
        }
    }
}
