using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PkgForge.Web.Hosting;

/// <summary>A certificate in a file, which is read again when it has been renewed: the server need not be started again.</summary>
internal sealed class CertificateFile
{
    private readonly string certificate;
    private readonly string? key;
    private readonly Lock gate = new();
    private DateTime read;
    private SslStreamCertificateContext context;

    /// <exception cref="WebOptionsException">It cannot be read, or is no certificate with its key.</exception>
    public CertificateFile(string certificate, string? key)
    {
        (this.certificate, this.key) = (certificate, key);
        read = Changed();
        try
        {
            context = Load();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new WebOptionsException(
                $"the certificate {certificate} with the key {key ?? certificate} cannot be used: {e.Message} Expected PEM files, "
                    + "readable by the user that the server runs as",
                e
            );
        }
    }

    /// <summary>What a connection that begins now is served with.</summary>
    public SslStreamCertificateContext Current()
    {
        lock (gate)
        {
            var changed = Changed();
            if (changed == read)
                return context;
            try
            {
                context = Load();
                read = changed;
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                // One of the two files is not yet the new one. The old pair serves, and the next connection looks again.
            }
            return context;
        }
    }

    private DateTime Changed() => File.GetLastWriteTimeUtc(certificate);

    private SslStreamCertificateContext Load()
    {
        var leaf = X509Certificate2.CreateFromPemFile(certificate, key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificate);
        return SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }
}
